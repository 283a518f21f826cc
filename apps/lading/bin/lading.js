#!/bin/sh
':' //; exec node -- "$0" "$@"
// SPDX-License-Identifier: Apache-2.0
// The shell takes the line above for commands, and Node for a comment. Without `--` Node would act on an --env-file among
// our words itself, also in those of a container's program: it ends where there is no such file, empties a pipe, and
// takes NODE_OPTIONS from it.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(`Error: lading needs Node.js 22.19 or later, this is ${process.versions.node}\n`);
  process.exit(125);
}
require('../dist/program/load.js').start('lading');
