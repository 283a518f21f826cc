// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec, ProgramSpec } from '@lading/command-line';

const serve: CommandSpec = {
  name: 'serve',
  summary: 'Serve images from memory, from a folder, or as a cache of another registry',
  description:
    'Serve images from memory or, with --root, from a folder that holds one OCI image layout a repository. ' +
    'With --proxy, what is asked for is fetched from another registry and kept. ' +
    'When the registry answers, one line "listening on URL" is printed on stdout; logs go to stderr. ' +
    'SIGTERM and SIGINT let requests finish for --grace-period, a second one ends at once. ' +
    'The certificate and the password file are read again when they change, the certificate on SIGHUP too.',
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
    {
      name: 'htpasswd',
      kind: 'string',
      placeholder: 'FILE',
      help: 'Let in only who is in this file, made with htpasswd -B',
    },
    { name: 'read-only', kind: 'boolean', help: 'Refuse pushes and deletes' },
    {
      name: 'proxy',
      kind: 'string',
      placeholder: 'URL',
      help: 'Be a cache of this registry (its user: $REGISTRY_PROXY_USERNAME and $REGISTRY_PROXY_PASSWORD)',
    },
    {
      name: 'proxy-credentials',
      kind: 'string',
      placeholder: 'FILE',
      help: 'Log in to the cached registry with the line USERNAME:PASSWORD in this file',
    },
    {
      name: 'proxy-ttl',
      kind: 'duration',
      default: '5m',
      help: 'Ask the cached registry again after a tag once this time has gone by',
    },
    {
      name: 'proxy-ns',
      kind: 'stringSlice',
      placeholder: 'HOST',
      help: 'Cache this registry too, for clients that name it by the ns parameter',
    },
    {
      name: 'cors-origin',
      kind: 'strings',
      placeholder: 'ORIGIN',
      help: "Let web pages of this origin use the registry; '*' for all",
    },
    {
      name: 'metrics',
      kind: 'boolean',
      default: true,
      help: 'Show Prometheus metrics at /metrics, to those who are let in',
    },
    { name: 'access-log', kind: 'boolean', help: 'Log each request' },
    { name: 'log-format', kind: 'string', default: 'text', help: 'Log as text or json' },
    {
      name: 'gc-interval',
      kind: 'duration',
      help: 'Take away every so often what no manifest has needed for 24 hours (default: never)',
    },
    {
      name: 'grace-period',
      kind: 'duration',
      default: '5s',
      help: 'Wait this long for requests under way when asked to end',
    },
  ],
  examples: [
    'lading-registry serve',
    'lading-registry serve --addr 0.0.0.0:5000 --root /srv/registry --tls-cert cert.pem --tls-key key.pem',
    'htpasswd -Bc users anna && lading-registry serve --root /srv/registry --htpasswd users',
    'lading-registry serve --root /srv/cache --proxy https://registry-1.docker.io --proxy-ttl 1h',
    "lading-registry serve --root /srv/registry --read-only --cors-origin '*' --access-log --log-format json",
  ],
  load: () => import('./serve.ts'),
};

const garbageCollect: CommandSpec = {
  name: 'garbage-collect',
  summary: 'Take away the blobs of a folder that no manifest needs',
  description:
    'Take away the blobs of a folder that no manifest needs, and say which they were, a line each. The folder must ' +
    'not be served meanwhile; a registry that serves does it by itself with serve --gc-interval.',
  usage: 'garbage-collect [options]',
  flags: [
    { name: 'root', kind: 'string', placeholder: 'DIR', help: 'The folder' },
    { name: 'dry-run', short: 'd', kind: 'boolean', help: 'Only say what would go' },
    {
      name: 'delete-untagged',
      short: 'm',
      kind: 'boolean',
      help: 'Take away manifests too that no tag leads to',
    },
    {
      name: 'older-than',
      kind: 'duration',
      default: '24h',
      help: 'Leave what was pushed or asked after within this time',
    },
  ],
  examples: [
    'lading-registry garbage-collect --root /srv/registry --dry-run',
    'lading-registry garbage-collect --root /srv/cache --delete-untagged --older-than 720h',
  ],
  load: () => import('./garbage-collect.ts'),
};

/** The program lading-registry as data. */
export function registryProgram(version: string): ProgramSpec {
  return {
    name: 'lading-registry',
    version,
    summary: 'An OCI registry in memory or on a folder, or a cache of others',
    commands: [serve, garbageCollect],
    exitCode: () => 1,
  };
}
