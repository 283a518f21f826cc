// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import type { CommandCall } from '@lading/command-line';
import { Code, LadingError } from '@lading/errors';

/** Where packages of distributions put what containers are helped by. */
const helperFolders = [
  ...['/usr/libexec/podman', '/usr/local/libexec/podman', '/usr/local/lib/podman', '/usr/lib/podman'],
];

/** `--init`, with the program that `--init-path` names or the first that is found. */
export function readInit({ flags, environment }: CommandCall): { readonly init?: string } {
  if (!flags.boolean('init')) return {};
  const given = flags.string('init-path') || undefined;
  const found = given === undefined ? findInit(environment.env.PATH ?? '') : resolve(environment.cwd, given);
  if (!existsSync(found)) {
    throw new LadingError(
      Code.NotFound,
      `container-init binary not found on the host: ${found} is not there; leave --init-path out, or install the Debian package catatonit`,
    );
  }
  return { init: found };
}

function findInit(path: string): string {
  const folders = [...helperFolders, ...path.split(delimiter).filter(isAbsolute)];
  const names = ['catatonit', 'tini-static'];
  const found = names
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw new LadingError(
    Code.NotFound,
    `container-init binary not found on the host: neither ${names.join(' nor ')} is in ${folders.join(':')}; install the Debian package catatonit, or name a program with --init-path`,
    { reason: 'PROGRAM_UNKNOWN' },
  );
}
