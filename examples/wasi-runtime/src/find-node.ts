// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where Node.js lies in a container; no image has anything there. */
export const wasiFolder = '/.lading-wasi';

export interface NodeInContainer {
  /** Files of the host, and where they are mounted. */
  readonly mounts: readonly { readonly source: string; readonly destination: string }[];
  /** What runs a script, without a file of the image: that may be empty but for the module. */
  readonly command: readonly string[];
}

let found: NodeInContainer | undefined;

/** This Node.js with the libraries that it has loaded, which is all that it needs. */
export function findNode(): NodeInContainer {
  found ??= look();
  return found;
}

function look(): NodeInContainer {
  const libraries = loadedLibraries();
  const loader = libraries.find((path) => /^ld(-|\.)/.test(basename(path)));
  const inside = (name: string): string => join(wasiFolder, name);
  const files = new Map(libraries.map((path) => [inside(`lib/${nameOfInterface(path)}`), path]));
  files.set(inside('node'), process.execPath);
  files.set(inside('run-module.mts'), fileURLToPath(new URL('./run-module.mts', import.meta.url)));
  const quiet = '--disable-warning=ExperimentalWarning';
  return {
    mounts: [...files].map(([destination, source]) => ({ source, destination })),
    command: [
      // Without a loader it is linked statically.
      ...(loader === undefined ? [] : [inside(`lib/${basename(loader)}`), '--library-path', inside('lib')]),
      ...[inside('node'), quiet],
    ],
  };
}

/** Shared objects of the system that are mapped into this process. */
function loadedLibraries(): string[] {
  const paths = readFileSync('/proc/self/maps', 'utf8')
    .split('\n')
    .map((line) => line.slice(line.indexOf('/')))
    .filter((path) => /^\/(usr\/)?lib.*\.so(\.|$)/.test(path));
  return [...new Set(paths)];
}

/** Programs ask for `libstdc++.so.6`, which is a link to `libstdc++.so.6.0.30`. */
function nameOfInterface(path: string): string {
  return basename(path).replace(/(\.so\.\d+)\..*$/, '$1');
}
