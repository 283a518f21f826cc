// SPDX-License-Identifier: Apache-2.0
// Reads one blob and verifies it: read-blob HOST/REPOSITORY DIGEST SIZE
import { parseDigest } from '@lading/image-spec';
import { createRegistryClient } from '@lading/registry-client';

const [repository = '', digest = '', size = ''] = process.argv.slice(2);
await using client = createRegistryClient({ tlsVerify: false });
const blob = { digest: parseDigest(digest), size: Number(size) };
let received = 0;
const stream = client.repository(repository).blobs.open(blob);
for await (const chunk of stream) {
  received += chunk.length;
  stream.recycle(chunk);
}
console.log(received);
