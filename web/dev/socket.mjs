// The little of RFC 6455 that a fixture needs: the handshake and unmasked text frames to the browser.
import { createHash } from "node:crypto";

const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

function frame(opcode, payload) {
  const length = payload.length;
  const head = length < 126 ? Buffer.from([0x80 | opcode, length]) : length < 65536 ? Buffer.from([0x80 | opcode, 126, length >> 8, length & 255]) : Buffer.concat([Buffer.from([0x80 | opcode, 127, 0, 0, 0, 0]), Buffer.from(Uint32Array.of(length).buffer).reverse()]);
  return Buffer.concat([head, payload]);
}

export function accept(request, socket) {
  const key = createHash("sha1").update(request.headers["sec-websocket-key"] + guid).digest("base64");
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`);
  socket.on("error", () => socket.destroy());
  // The browser only ever closes: any frame from it ends the line.
  socket.on("data", (bytes) => (bytes[0] & 15) === 8 && socket.end());
  return {
    send: (value) => socket.writable && socket.write(frame(1, Buffer.from(JSON.stringify(value)))),
    close: (code) => socket.end(frame(8, Buffer.from([code >> 8, code & 255]))),
    onClose: (then) => socket.on("close", then),
  };
}
