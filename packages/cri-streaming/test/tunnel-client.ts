// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { request } from 'node:http';
import { Duplex } from 'node:stream';

/** The name of this sub-protocol is no token, so that clients that look at it do not offer it; Go's does not look. */
export async function connectTunnel(url: string): Promise<{ tunnel: Duplex; protocol: string }> {
  const call = request(url, {
    headers: {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': Buffer.alloc(16).toString('base64'),
      'Sec-WebSocket-Protocol': 'SPDY/3.1+portforward.k8s.io',
    },
  });
  call.end();
  const [response, socket, head] = await once(call, 'upgrade');
  if (head.length > 0) socket.unshift(head);
  return { tunnel: framed(socket), protocol: String(response.headers['sec-websocket-protocol']) };
}

/** Bytes in binary messages of a WebSocket, masked by zeros, at most 65,535 in one. */
function framed(socket: Duplex): Duplex {
  let waiting = Buffer.alloc(0);
  const tunnel = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      for (let start = 0; start < chunk.length; start += 0xffff) {
        const part = chunk.subarray(start, start + 0xffff);
        const head = Buffer.from([0x82, 0x80 | 126, part.length >> 8, part.length & 0xff, 0, 0, 0, 0]);
        socket.write(Buffer.concat([head, part]));
      }
      done();
    },
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });
  socket.on('data', (chunk: Buffer) => {
    waiting = Buffer.concat([waiting, chunk]);
    for (;;) {
      const short = (waiting[1] ?? 0) & 127;
      const headBytes = short === 127 ? 10 : short === 126 ? 4 : 2;
      if (waiting.length < headBytes) return;
      const length =
        short === 127 ? waiting.readUInt32BE(6) : short === 126 ? waiting.readUInt16BE(2) : short;
      if (waiting.length < headBytes + length) return;
      if (((waiting[0] ?? 0) & 15) <= 2) tunnel.push(waiting.subarray(headBytes, headBytes + length));
      waiting = waiting.subarray(headBytes + length);
    }
  });
  socket.on('close', () => tunnel.destroy());
  return tunnel;
}
