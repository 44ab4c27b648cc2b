// An OPC UA server that is not ours, for the tests: node-opcua, whose nodes hold what it is told, line by line.
//
//     node server.js PORT FOLDER SAMPLING TYPE:NODE...
//
// It keeps its certificate in FOLDER, shows changes of a node that are less than SAMPLING ms apart as one, says `listening ENDPOINT` when it can be reached, and ends with its input. A line of
// input is JSON: {"node": "ns=1;s=T1", "value": 0.5, "status": "Good", "source": ms since 1970}; it is
// answered `done`.
"use strict";
console.log = console.warn = console.error; // the library talks there, too
const path = require("node:path");
const readline = require("node:readline");
const { OPCUACertificateManager, OPCUAServer, RegisterServerMethod, StatusCodes, Variant, nodesets } =
  require("node-opcua");

function say(line) {
  process.stdout.write(`${line}\n`);
}

async function main([port, folder, sampling, ...names]) {
  const certificates = new OPCUACertificateManager({ rootFolder: path.join(folder, "pki") });
  const server = new OPCUAServer({
    host: "127.0.0.1",
    hostname: "127.0.0.1",
    port: Number(port),
    nodeset_filename: [nodesets.standard],
    registerServerMethod: RegisterServerMethod.HIDDEN,
    serverCapabilities: { minSupportedSampleRate: Number(sampling) },
    serverCertificateManager: certificates,
    userCertificateManager: certificates,
  });
  await server.initialize();
  const { addressSpace } = server.engine;
  const nodes = new Map();
  for (const name of names) {
    const [dataType, nodeId] = name.split(/:(.*)/);
    const place = { organizedBy: addressSpace.rootFolder.objects, browseName: nodeId, nodeId };
    nodes.set(nodeId, addressSpace.getOwnNamespace().addVariable({ ...place, dataType, minimumSamplingInterval: 0 }));
  }
  await server.start();
  say(`listening ${server.getEndpointUrl()}`);
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { node, value, status, source } = JSON.parse(line);
    const variant = new Variant({ dataType: nodes.get(node).dataTypeObj.browseName.name, value });
    nodes.get(node).setValueFromSource(variant, StatusCodes[status], new Date(source));
    say("done");
  }
  process.exit(0);
}

main(process.argv.slice(2));
