#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(`Error: ladingd needs Node 22.19 or later; this is ${process.versions.node}\n`);
  process.exit(1);
}
// The daemon waits for other programs more than it computes: it takes a small heap over a fast one, which also makes
// the fork before each of these programs cheap. The commands beside it end sooner than a heap grows.
const flags = ['--optimize-for-size', '--max-semi-space-size=1'];
const isCommand = /^[a-z]/.test(process.argv[2] ?? '');
if (!isCommand && !flags.every((flag) => process.execArgv.includes(flag))) {
  const args = [process.execPath, ...process.execArgv, ...flags, ...process.argv.slice(1)];
  process.execve(process.execPath, args, {
    MALLOC_ARENA_MAX: '1',
    MALLOC_TRIM_THRESHOLD_: '131072',
    ...process.env,
  });
}
const { enableCompileCache } = await import('node:module'); // which older versions do not have
enableCompileCache();
await import('../dist/main.js');
