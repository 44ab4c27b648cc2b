// A plant to measure clients with: every node of this OPC UA server changes once a second, spread over the second.
//
//     node server.js PORT FOLDER NODES
//
// It keeps its certificate in FOLDER, says `listening ENDPOINT`, and ends with its input.
"use strict";
console.log = console.warn = console.error; // the library talks there, too
const path = require("node:path");
const { OPCUACertificateManager, OPCUAServer, RegisterServerMethod, StatusCodes, Variant, nodesets } =
  require("node-opcua");
const SLICES = 20; // the nodes of one slice change together
const IN_A_FOLDER = 250;

async function main([port, folder, count]) {
  const certificates = new OPCUACertificateManager({ rootFolder: path.join(folder, "pki") });
  const server = new OPCUAServer({
    host: "127.0.0.1",
    hostname: "127.0.0.1",
    port: Number(port),
    nodeset_filename: [nodesets.standard],
    registerServerMethod: RegisterServerMethod.HIDDEN,
    serverCapabilities: { minSupportedSampleRate: 0, maxMonitoredItems: 100_000, maxMonitoredItemsPerSubscription: 100_000 },
    serverCertificateManager: certificates,
    userCertificateManager: certificates,
  });
  await server.initialize();
  const { addressSpace } = server.engine;
  const own = addressSpace.getOwnNamespace();
  const nodes = [];
  let place = addressSpace.rootFolder.objects;
  for (let n = 0; n < Number(count); n++) {
    if (n % IN_A_FOLDER === 0) place = own.addFolder(addressSpace.rootFolder.objects, { browseName: `F${n}` });
    const variable = { organizedBy: place, browseName: `P${n}`, nodeId: `ns=1;s=P${n}`, dataType: "Double" };
    nodes.push(own.addVariable({ ...variable, minimumSamplingInterval: 0 }));
  }
  await server.start();
  let slice = 0;
  setInterval(() => {
    const now = new Date();
    const value = now.getTime() / 1e3;
    for (let n = slice; n < nodes.length; n += SLICES) {
      nodes[n].setValueFromSource(new Variant({ dataType: "Double", value: value + n }), StatusCodes.Good, now);
    }
    slice = (slice + 1) % SLICES;
  }, 1000 / SLICES);
  process.stdout.write(`listening ${server.getEndpointUrl()}\n`);
  process.stdin.resume().on("end", () => process.exit(0));
}

main(process.argv.slice(2));
