// OPC UA servers that are not ours, in one process: each offers all policies and modes, with a certificate that it is given.
//
//     node secured.js FOLDER
//
// A line of input is JSON. {"open": {"port": 0, "certificate": PATH, "key": PATH, "trusts": true, "plain": true}} starts a
// server and is answered `listening PORT`: `trusts` says whether it takes unknown certificates of clients, `plain` whether it
// has the policy None, `host` which host its endpoints advertise. {"close": PORT} ends one and is answered `done`. The
// user "miner" has the password "瓦斯 123". The process ends with its input.
"use strict";
console.log = console.warn = console.error; // the library talks there, too
const path = require("node:path");
const readline = require("node:readline");
const {
  MessageSecurityMode,
  OPCUACertificateManager,
  OPCUAServer,
  RegisterServerMethod,
  SecurityPolicy,
  Variant,
  VariantArrayType,
  nodesets,
  standardUnits,
} = require("node-opcua");

const POLICIES = ["Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"].map((name) => SecurityPolicy[name]);
const MODES = [MessageSecurityMode.Sign, MessageSecurityMode.SignAndEncrypt];
const servers = new Map();

function say(line) {
  process.stdout.write(`${line}\n`);
}

// Nodes for a look around: points with units and ranges, two with one name, a switch, a text, a list, a folder that
// leads back to itself, and a name that a spreadsheet would execute.
function describe(addressSpace) {
  const own = addressSpace.getOwnNamespace();
  const foreign = addressSpace.registerNamespace("urn:kj:mine");
  const add = (place, name, nodeId, dataType, value, more = {}) =>
    (nodeId.startsWith("ns=2") ? foreign : own).addVariable({
      componentOf: place, browseName: name, nodeId, dataType, value: { dataType, value }, ...more,
    });
  const face = own.addObject({ organizedBy: addressSpace.rootFolder.objects, browseName: "3101",
    displayName: "3101 工作面" });
  const road = own.addObject({ organizedBy: face, browseName: "3102" });
  for (const place of [face, road]) {
    foreign.addAnalogDataItem({
      componentOf: place, browseName: "CH4", nodeId: `ns=2;s=${place.browseName.name};CH4`, dataType: "Double",
      displayName: "甲烷", engineeringUnitsRange: { low: 0, high: 4 }, engineeringUnits: standardUnits.percent,
      value: { dataType: "Double", value: 0.1 },
    });
  }
  add(road, "fan", "ns=2;i=7", "Boolean", true);
  add(road, "=SUM(A1)", "ns=2;s=formula", "Int16", 3);
  add(road, "note", "ns=2;s=note", "String", "text");
  own.addVariable({ componentOf: road, browseName: "list", nodeId: "ns=1;s=list", dataType: "Double", valueRank: 1,
    arrayDimensions: [2], value: { dataType: "Double", arrayType: VariantArrayType.Array, value: [1, 2] } });
  road.addReference({ referenceType: "Organizes", nodeId: face.nodeId, isForward: true });
}

async function open(folder, { port, certificate, key, trusts, plain, host }) {
  const manager = (name) =>
    new OPCUACertificateManager({
      automaticallyAcceptUnknownCertificate: name === "users" || trusts,
      rootFolder: path.join(folder, name + (trusts ? "" : "-strict")),
    });
  const server = new OPCUAServer({
    host: "127.0.0.1",
    hostname: host ?? "127.0.0.1",
    port,
    certificateFile: certificate,
    privateKeyFile: key,
    serverInfo: { applicationUri: "urn:peer" },
    nodeset_filename: [nodesets.standard],
    registerServerMethod: RegisterServerMethod.HIDDEN,
    securityPolicies: plain ? [SecurityPolicy.None, ...POLICIES] : POLICIES,
    securityModes: plain ? [MessageSecurityMode.None, ...MODES] : MODES,
    serverCertificateManager: manager("clients"),
    userCertificateManager: manager("users"),
    userManager: { isValidUser: (name, password) => name === "miner" && password === "瓦斯 123" },
  });
  await server.initialize();
  const { addressSpace } = server.engine;
  const place = { organizedBy: addressSpace.rootFolder.objects, browseName: "T1", nodeId: "ns=1;s=T1" };
  const node = addressSpace.getOwnNamespace().addVariable({ ...place, dataType: "Double", minimumSamplingInterval: 0 });
  node.setValueFromSource(new Variant({ dataType: "Double", value: 0.5 }));
  describe(addressSpace);
  await server.start();
  const used = Number(server.getEndpointUrl().match(/:(\d+)/)[1]);
  servers.set(used, server);
  say(`listening ${used}`);
}

async function main([folder]) {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { open: opened, close: closed } = JSON.parse(line);
    if (opened) {
      await open(folder, opened);
    } else {
      await servers.get(closed).shutdown(0);
      say("done");
    }
  }
  process.exit(0);
}

main(process.argv.slice(2));
