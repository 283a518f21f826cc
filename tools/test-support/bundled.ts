// SPDX-License-Identifier: Apache-2.0
import { globSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { keptBuild, root } from './kept-build.ts';

const flags = [
  '--bundle',
  '--splitting',
  '--platform=node',
  '--format=esm',
  '--target=node22',
  '--entry-names=[name]',
  '--conditions=@lading/source',
  '--external:koffi',
  '--log-level=warning',
  // For packages that are CommonJS and ask for Node's modules.
  `--banner:js=import{createRequire as r}from'node:module';const require=r(import.meta.url);`,
];
const esbuild = join(root, 'node_modules/.bin/esbuild');
const builder = 'out=$0 about=$1; shift; "$@" && cp "$about" "$out"';

/**
 * A script of a package or an app, with all that it imports in few files: so many processes can start from it. From the
 * sources each would look for two hundred files.
 */
export function bundled(script: string): string {
  const [folder, name] = [dirname(script), basename(script, '.ts')];
  const build = keptBuild({
    // Below the package that has the native dependency.
    home: join(root, 'packages/linux/node_modules/.cache/bundles', name),
    sources: [folder],
    cwd: root,
    command: (out) => [
      ...['sh', '-c', builder, out, join(folder, '../package.json')],
      ...[esbuild, script, ...globSync('packages/*/src/*.worker.ts', { cwd: root })],
      ...[...flags, `--outdir=${out}/dist`],
    ],
  });
  return join(build, 'dist', `${name}.js`);
}
