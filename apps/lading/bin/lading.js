#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(`Error: lading needs Node.js 22.19 or later, this is ${process.versions.node}\n`);
  process.exit(125);
}
require('../dist/program/load.js').start('lading');
