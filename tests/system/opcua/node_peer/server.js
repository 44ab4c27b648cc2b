// An OPC UA server that is not ours, for the tests: node-opcua, whose nodes hold what it is told, line by line.
//
//     node server.js PORT FOLDER OPTIONS TYPE:NODE...
//
// It keeps its certificate in FOLDER, says `listening ENDPOINT` when it can be reached, and ends with its input.
// OPTIONS is JSON: {"sampling": ms, "sessions": most, "history": rows of each node}. A line of input is JSON, too, and
// is answered `done`: {"node": "ns=1;s=T1", "value": 0.5, "status": "Good", "source": ms since 1970} writes a value;
// {"delete": "ns=1;s=T1"} takes a node away, {"create": "ns=1;s=T1", "type": "Double"} adds one.
"use strict";
console.log = console.warn = console.error; // the library talks there, too
const path = require("node:path");
const readline = require("node:readline");
const { OPCUACertificateManager, OPCUAServer, RegisterServerMethod, StatusCodes, Variant, nodesets } =
  require("node-opcua");

function say(line) {
  process.stdout.write(`${line}\n`);
}

async function main([port, folder, options, ...names]) {
  const { sampling = 0, sessions = 10, history = 0 } = JSON.parse(options);
  const certificates = new OPCUACertificateManager({ rootFolder: path.join(folder, "pki") });
  const server = new OPCUAServer({
    host: "127.0.0.1",
    hostname: "127.0.0.1",
    port: Number(port),
    nodeset_filename: [nodesets.standard],
    registerServerMethod: RegisterServerMethod.HIDDEN,
    serverCapabilities: { minSupportedSampleRate: sampling, maxSessions: sessions },
    serverCertificateManager: certificates,
    userCertificateManager: certificates,
  });
  await server.initialize();
  const { addressSpace } = server.engine;
  const nodes = new Map();
  function create(nodeId, dataType) {
    const place = { organizedBy: addressSpace.rootFolder.objects, browseName: nodeId, nodeId };
    const node = addressSpace.getOwnNamespace().addVariable({ ...place, dataType, minimumSamplingInterval: 0 });
    if (history) addressSpace.installHistoricalDataNode(node, { maxOnlineValues: history });
    nodes.set(nodeId, node);
  }
  for (const name of names) {
    const [dataType, nodeId] = name.split(/:(.*)/);
    create(nodeId, dataType);
  }
  await server.start();
  say(`listening ${server.getEndpointUrl()}`);
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const order = JSON.parse(line);
    if (order.delete) addressSpace.deleteNode(nodes.get(order.delete));
    else if (order.create) create(order.create, order.type);
    else {
      const { node, value, status, source } = order;
      const variant = new Variant({ dataType: nodes.get(node).dataTypeObj.browseName.name, value });
      nodes.get(node).setValueFromSource(variant, StatusCodes[status], new Date(source));
    }
    say("done");
  }
  process.exit(0);
}

main(process.argv.slice(2));
