// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join, relative } from 'node:path';

const root = join(import.meta.dirname, '../..');
const unusedMs = 24 * 60 * 60 * 1000;

/** In a folder beside, so that a build is there as a whole or not at all. */
const builder = `test -e "$1" || {
  "$0" --config ../../tsup.program.config.ts --out-dir "$2/dist/program" && cp -R bin "$2" && mv -T "$2" "$1"
}`;

/**
 * argv that starts a program as its users have it, built from the sources as they are now: from the sources
 * themselves it starts in ten times the time, which most tests would spend waiting for. What was built is kept, so
 * that only the first to ask after a change waits some seconds. Each state of the sources has a folder of its own,
 * and what runs from one is not disturbed by a change.
 */
export function builtProgram(name: 'lading' | 'lading-copy'): readonly string[] {
  const app = join(root, 'apps', name);
  // Below the app, where its native dependency is found.
  const builds = join(app, 'node_modules/.cache/programs');
  const build = join(builds, stateOf(app));
  if (existsSync(build)) utimesSync(build, new Date(), new Date());
  else {
    mkdirSync(builds, { recursive: true });
    removeUnused(builds);
    const argv = [
      'sh',
      '-c',
      builder,
      join(root, 'node_modules/.bin/tsup'),
      build,
      `${build}.${process.pid}`,
    ];
    // Of test files that begin at once, one builds.
    execFileSync('flock', [builds, ...argv], { cwd: app, stdio: ['ignore', 'pipe', 'pipe'] });
  }
  return [process.execPath, '--', join(build, 'bin', `${name}.js`)];
}

/** Tells states of all that a program is built of apart, without reading it. */
function stateOf(app: string): string {
  const state = createHash('sha256');
  const add = (path: string): void => {
    const { size, mtimeMs } = statSync(path);
    state.update(`${relative(root, path)} ${size} ${mtimeMs}\n`);
  };
  const addFolder = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) addFolder(path);
      else if (!entry.name.endsWith('.test.ts')) add(path);
    }
  };
  const packages = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name));
  for (const one of [...packages, app]) {
    addFolder(join(one, 'src'));
    add(join(one, 'package.json'));
  }
  for (const folder of [join(app, 'bin'), join(root, 'tools/program')]) addFolder(folder);
  for (const name of ['tsup.config.ts', 'tsup.program.config.ts', 'tsconfig.base.json', 'pnpm-lock.yaml'])
    add(join(root, name));
  return state.digest('hex').slice(0, 16);
}

function removeUnused(builds: string): void {
  for (const name of readdirSync(builds)) {
    const path = join(builds, name);
    if (Date.now() - statSync(path).mtimeMs > unusedMs) rmSync(path, { recursive: true, force: true });
  }
}
