// SPDX-License-Identifier: Apache-2.0
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createWorld, type Served, type World } from './world.ts';

let world: World;
let daemon: Served;
beforeAll(async () => {
  world = await createWorld();
  daemon = await world.serve();
});
afterAll(() => world?.[Symbol.asyncDispose]());

/** As kubelets before 1.24 have it, whose gRPC takes the path of the socket for the name of the host. */
function oldClient(): Client {
  return new Client(`unix://${daemon.socket}`, credentials.createInsecure(), {
    'grpc.default_authority': daemon.socket,
  });
}

const asItIs = (bytes: Buffer): Buffer => bytes;

/** An empty request; the answer as it comes, of protobuf. */
function askVersion(client: Client, metadata: Metadata): Promise<string> {
  return new Promise((resolve, reject) => {
    const method = '/runtime.v1alpha2.RuntimeService/Version';
    client.makeUnaryRequest(method, asItIs, asItIs, Buffer.alloc(0), metadata, (error, answer) =>
      error === null && answer !== undefined ? resolve(answer.toString()) : reject(error),
    );
  });
}

it('answers a client whose authority is a path, as long as it stays', async () => {
  const client = oldClient();
  try {
    // Fields that differ push the authority out of the table of fields again and again, so that it is told anew.
    for (let i = 0; i < 200; i++) {
      const metadata = new Metadata();
      metadata.set('round', `${i}`.padEnd(i, 'x'));
      expect(await askVersion(client, metadata)).toContain('lading');
    }
  } finally {
    client.close();
  }
});

it('answers many requests of such a client at once', async () => {
  const client = oldClient();
  try {
    const answers = await Promise.all(Array.from({ length: 300 }, () => askVersion(client, new Metadata())));
    expect(answers.filter((answer) => answer.includes('v1alpha2')).length).toBe(300);
  } finally {
    client.close();
  }
});
