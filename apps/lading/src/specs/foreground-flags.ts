// SPDX-License-Identifier: Apache-2.0
import type { FlagSpec } from '@lading/command-line';

export const detachKeys: FlagSpec = {
  name: 'detach-keys',
  kind: 'string',
  default: 'ctrl-p,ctrl-q',
  help: 'Override the key sequence for detaching a container. Format is a single character `[a-Z]` or a comma separated sequence of `ctrl-<value>`, where `<value>` is one of: `a-z`, `@`, `^`, `[`, `\\`, `]`, `^` or `_`',
};

export const sigProxy: FlagSpec = {
  name: 'sig-proxy',
  kind: 'boolean',
  default: true,
  help: 'Proxy received signals to the process',
};

export const preserveFds: FlagSpec = {
  name: 'preserve-fds',
  kind: 'uint',
  default: 0,
  help: 'Pass a number of additional file descriptors into the container',
};
