// The client of node-opcua, for comparison: monitors all nodes of the plant and prints what that cost as JSON.
//
//     node client.js ENDPOINT NODES SECONDS
"use strict";
console.log = console.warn = console.error; // the library talks there, too
const { AttributeIds, ClientMonitoredItemGroup, OPCUAClient, TimestampsToReturn } = require("node-opcua");

async function main([endpoint, count, seconds]) {
  const client = OPCUAClient.create({ endpointMustExist: false });
  await client.connect(endpoint);
  const session = await client.createSession();
  const subscription = await session.createSubscription2({
    requestedPublishingInterval: 100,
    requestedMaxKeepAliveCount: 10,
    requestedLifetimeCount: 100,
    publishingEnabled: true,
    maxNotificationsPerPublish: 0,
  });
  const monitored = { samplingInterval: 0, queueSize: 5000, discardOldest: true };
  let changes = 0;
  for (let begin = 0; begin < Number(count); begin += 500) {
    const nodes = [];
    for (let n = begin; n < Math.min(begin + 500, Number(count)); n++) {
      nodes.push({ nodeId: `ns=1;s=P${n}`, attributeId: AttributeIds.Value });
    }
    const group = ClientMonitoredItemGroup.create(subscription, nodes, monitored, TimestampsToReturn.Both);
    group.on("changed", () => { changes += 1; });
    await new Promise((resolve) => group.on("initialized", resolve));
  }
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const before = [changes, process.cpuUsage()];
  await new Promise((resolve) => setTimeout(resolve, 1000 * Number(seconds)));
  const used = process.cpuUsage(before[1]);
  const result = { changes: changes - before[0], cpu: (used.user + used.system) / 1e6, memory: process.memoryUsage().rss };
  process.stdout.write(`${JSON.stringify(result)}\n`);
  process.exit(0);
}

main(process.argv.slice(2));
