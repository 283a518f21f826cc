// SPDX-License-Identifier: Apache-2.0
import { statSync } from 'node:fs';
import { Code, LadingError } from '@lading/errors';
import type { Mount } from '@lading/oci-spec';
import type { ContainerOptions } from '../types/container-options.ts';

/** Where podman has it, too. */
const place = '/run/podman-init';

/** The command line with the init before it. */
export function argsOf(init: string | undefined, args: readonly string[]): readonly string[] {
  return init === undefined ? args : [place, '--', ...args];
}

export function initMount(source: string): Mount {
  return { destination: place, type: 'bind', source, options: ['bind', 'rprivate', 'ro'] };
}

/** @throws InvalidArgument, NotFound for an init that could not be the first process */
export function checkInit({ init, namespaces, pod }: ContainerOptions): void {
  if (init === undefined) return;
  if (!init.startsWith('/')) {
    throw new LadingError(Code.InvalidArgument, `the init ${JSON.stringify(init)} must be an absolute path`);
  }
  const { pid = pod === undefined ? 'private' : undefined } = namespaces ?? {};
  if (pid !== undefined && pid !== 'private') {
    throw new LadingError(
      Code.InvalidArgument,
      `an init must be the first process: it needs a pid namespace of its own, not ${JSON.stringify(pid)}`,
    );
  }
  if (statSync(init, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new LadingError(
      Code.NotFound,
      `the init ${init} is not there; install the Debian package catatonit, or name another program`,
    );
  }
}
