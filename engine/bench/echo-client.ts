/**
 * The peer of tick-to-order: a bare `ws` client that decodes nothing, decides nothing and writes no journal. For every
 * second message it sends an order-sized text with the price it was given, and drops what comes back for it; argv: stream
 * URL, api URL, wait strategy (block or spin).
 */
import { WebSocket } from 'ws';

const [streamUrl, apiUrl, wait] = process.argv.slice(2) as [string, string, string];
const stream = new WebSocket(streamUrl, { perMessageDeflate: false });
const api = new WebSocket(apiUrl, { perMessageDeflate: false });

/** As long as a signed order.place of the engine. */
const head = `{"id":"1","method":"order.place","params":{"apiKey":"${'k'.repeat(64)}","newClientOrderId":"xm00000000-1234","newOrderRespType":"RESULT","price":"`;
const tail = `","quantity":"0.00083","recvWindow":5000,"side":"BUY","symbol":"BTCUSDT","timeInForce":"IOC","timestamp":1732348800000,"type":"LIMIT","signature":"${'s'.repeat(64)}"}}`;
const askMarker = Buffer.from('"a":[["');

for (const socket of [stream, api]) {
  socket.on('upgrade', (response) => response.socket.setNoDelay(true));
  socket.on('close', () => process.exit(0));
}
api.on('message', () => undefined);
let count = 0;
stream.on('message', (data: Buffer) => {
  if (count++ % 2 === 0) return;
  // The second ask of a trigger is the new best price; finding its bytes is all the reading the peer does.
  const at = data.indexOf(askMarker);
  const next = data.indexOf('["', at + askMarker.length) + 2;
  api.send(head + data.toString('latin1', next, data.indexOf('"', next)) + tail);
});

/** Polls the sockets every turn of the loop, as the engine does when it spins. */
function spin(): void {
  setImmediate(spin);
}
if (wait === 'spin') spin();
