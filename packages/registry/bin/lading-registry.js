#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(`lading-registry needs Node.js 22.19 or newer, this is ${process.versions.node}\n`);
  process.exit(1);
}
const { enableCompileCache } = await import('node:module');
enableCompileCache();
await import('../dist/main.js');
