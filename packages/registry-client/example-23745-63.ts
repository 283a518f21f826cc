import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRegistry } from '@lading/registry';
import { createRegistryClient } from '@lading/registry-client';

const folder = await mkdtemp(join(tmpdir(), 'lading-readme-'));
const path = join(folder, 'registry.sock');
const { handler } = await createRegistry();
const server = createServer(handler).listen(path);

const client = createRegistryClient({
  tlsVerify: false,
  unixSocket: (host) => (host === 'registry.local' ? path : undefined),
});
await client.ping('registry.local');
console.log('reached'); // → reached
await client.close();
server.close();
await rm(folder, { recursive: true });
