import { WebSocket } from 'ws';

/** A client that reads too slowly is cut, as a real venue does, instead of filling this process's memory. */
const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;

export function sendBounded(socket: WebSocket, payload: string | Uint8Array): void {
  if (socket.readyState !== WebSocket.OPEN) return;
  if (socket.bufferedAmount > MAX_BUFFERED_BYTES) {
    socket.terminate();
    return;
  }
  socket.send(payload);
}
