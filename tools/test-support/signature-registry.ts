// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

/** A registry that keeps signatures, as that of OpenShift: one without, and what it lacks in front of it. */
export interface SignatureRegistry extends AsyncDisposable {
  readonly host: string;
  /** What was added, by `NAME@DIGEST`. */
  readonly signatures: Map<string, unknown[]>;
}

/** Puts the header and the API of signatures in front of the registry at `behind`. */
export async function startSignatureRegistry(behind: string): Promise<SignatureRegistry> {
  const signatures = new Map<string, unknown[]>();

  function forward(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { method, headers, url } = incoming;
    const forwarded = request(`http://${behind}${url}`, { method, headers }, (answer) => {
      const said = { ...answer.headers, 'x-registry-supports-signatures': '1' };
      outgoing.writeHead(answer.statusCode ?? 500, said);
      answer.pipe(outgoing);
    });
    incoming.pipe(forwarded);
  }

  /** It has no place for signatures of what it does not have. */
  async function keep(name: string, digest: string, incoming: IncomingMessage, outgoing: ServerResponse) {
    const { status } = await fetch(`http://${behind}/v2/${name}/manifests/${digest}`, {
      headers: { accept: '*/*, application/vnd.oci.image.manifest.v1+json' },
    });
    const key = `${name}@${digest}`;
    const known = signatures.get(key) ?? [];
    if (status !== 200) outgoing.writeHead(404).end();
    else if (incoming.method === 'PUT') {
      signatures.set(key, [...known, JSON.parse(await text(incoming))]);
      outgoing.writeHead(201).end();
    } else outgoing.writeHead(200).end(JSON.stringify({ signatures: known }));
  }

  const server = createServer((incoming, outgoing) => {
    const [, name, digest] = /^\/extensions\/v2\/(.+)\/signatures\/([^/]+)$/.exec(incoming.url ?? '') ?? [];
    if (name === undefined || digest === undefined) forward(incoming, outgoing);
    else keep(name, digest, incoming, outgoing).catch((error: Error) => outgoing.destroy(error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    host: `127.0.0.1:${address.port}`,
    signatures,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
