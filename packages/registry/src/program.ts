// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec, ProgramSpec } from '@lading/command-line';

const serve: CommandSpec = {
  name: 'serve',
  summary: 'Serve images from memory or from a folder',
  description:
    'Serve images from memory or, with --root, from a folder that holds one OCI image layout a repository. ' +
    'When the registry answers, one line "listening on URL" is printed on stdout. It ends on SIGTERM or SIGINT.',
  usage: 'serve [options]',
  flags: [
    {
      name: 'addr',
      kind: 'string',
      default: '127.0.0.1:5000',
      placeholder: 'HOST:PORT',
      help: 'Listen on this address; port 0 picks a free one',
    },
    { name: 'root', kind: 'string', placeholder: 'DIR', help: 'Keep everything in this folder' },
    { name: 'tls-cert', kind: 'string', placeholder: 'FILE', help: 'Certificate chain (PEM) for HTTPS' },
    { name: 'tls-key', kind: 'string', placeholder: 'FILE', help: 'Private key (PEM) of the certificate' },
  ],
  examples: ['lading-registry serve', 'lading-registry serve --addr 0.0.0.0:5000 --root /srv/registry'],
  load: () => import('./serve.ts'),
};

/** The program lading-registry as data. */
export function registryProgram(version: string): ProgramSpec {
  return {
    name: 'lading-registry',
    version,
    summary: 'An OCI registry in memory or on a folder',
    commands: [serve],
    exitCode: () => 1,
  };
}
