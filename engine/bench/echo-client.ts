/**
 * The peer of tick-to-order: a bare `ws` client that decodes nothing, decides nothing and writes no journal. For every
 * second message it sends an order-sized text with the price it was given, and drops what comes back for it; argv: stream
 * URL, api URL, wait strategy (block or spin).
 */
import { once } from 'node:events';
import { WebSocket } from 'ws';

const [streamUrl, apiUrl, wait] = process.argv.slice(2) as [string, string, string];
const api = new WebSocket(apiUrl, { perMessageDeflate: false });
api.on('upgrade', (response) => response.socket.setNoDelay(true));
// What asks for an answer comes only once there is a way to give it.
await once(api, 'open');
const stream = new WebSocket(streamUrl, { perMessageDeflate: false });

/** As long as an order.place of the engine on a connection that is logged on. */
const head =
  '{"id":"12345","method":"order.place","params":{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","timeInForce":"IOC","price":"';
const tail =
  '","quantity":"0.00083","newClientOrderId":"xm00000000-1234","newOrderRespType":"ACK","recvWindow":5000,"timestamp":1732348800000}}';
const askMarker = Buffer.from('"a":[["');

stream.on('upgrade', (response) => response.socket.setNoDelay(true));
for (const socket of [stream, api]) socket.on('close', () => process.exit(0));
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
