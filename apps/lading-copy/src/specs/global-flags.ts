// SPDX-License-Identifier: Apache-2.0
import { type FlagSpec, progressModes } from '@lading/command-line';

export const globalFlags: readonly FlagSpec[] = [
  { name: 'command-timeout', kind: 'duration', help: 'timeout for the command execution' },
  { name: 'debug', kind: 'boolean', help: 'say where a failure came from' },
  { name: 'insecure-policy', kind: 'boolean', help: 'run the tool without any policy check' },
  {
    name: 'log-format',
    kind: 'string',
    placeholder: 'FORMAT',
    default: 'text',
    values: ['text', 'json'],
    help: 'FORMAT of warnings and errors on stderr: text, or json with an object a line',
  },
  {
    name: 'override-arch',
    kind: 'string',
    placeholder: 'ARCH',
    help: 'use ARCH instead of the architecture of the machine for choosing images',
  },
  {
    name: 'override-os',
    kind: 'string',
    placeholder: 'OS',
    help: 'use OS instead of the running OS for choosing images',
  },
  {
    name: 'override-variant',
    kind: 'string',
    placeholder: 'VARIANT',
    help: 'use VARIANT instead of the running architecture variant for choosing images',
  },
  { name: 'policy', kind: 'string', completes: 'file', help: 'Path to a trust policy file' },
  {
    name: 'progress',
    kind: 'string',
    placeholder: 'MODE',
    default: 'auto',
    values: progressModes,
    help: 'show progress on stderr as MODE: auto, tty (bars), plain (lines), json (an object a line), none',
  },
  { name: 'require-signed', kind: 'boolean', help: 'require any pulled image to be signed' },
  {
    name: 'registries.d',
    kind: 'string',
    placeholder: 'DIR',
    completes: 'folder',
    help: 'use registry configuration files in DIR (e.g. for container signature storage)',
  },
  {
    name: 'registries-conf',
    kind: 'string',
    placeholder: 'FILE',
    completes: 'file',
    help: 'use FILE instead of the usual registries.conf and its drop-ins',
  },
  {
    name: 'tls-details',
    kind: 'string',
    placeholder: 'FILE',
    completes: 'file',
    help: 'path to a containers-tls-details.yaml(5) file',
  },
  {
    // Of the command, where it has one; before the command word it is accepted, as in skopeo.
    name: 'tls-verify',
    kind: 'boolean',
    default: true,
    hidden: true,
    help: 'Require HTTPS and verify certificates when accessing the registry',
  },
  { name: 'tmpdir', kind: 'string', completes: 'folder', help: 'directory used to store temporary files' },
  { name: 'user-agent-prefix', kind: 'string', help: 'prefix to add to the user agent string' },
];
