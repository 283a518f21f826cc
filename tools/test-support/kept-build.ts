// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join, relative } from 'node:path';

/** The folder of the workspace. */
export const root: string = join(import.meta.dirname, '../..');
const unusedMs = 24 * 60 * 60 * 1000;

/** Into a folder beside, so that a build is there as a whole or not at all. */
const builder = `built=$1 begun=$2; shift 2; test -e "$built" || { "$@" && mv -T "$begun" "$built"; }`;

export interface BuildOptions {
  /** The folder of all builds of this kind. */
  readonly home: string;
  /** Folders and files that are built, beside the sources of all packages. */
  readonly sources: readonly string[];
  readonly cwd: string;
  /** argv of what fills a folder. */
  readonly command: (folder: string) => readonly string[];
}

/**
 * The folder with what was built of the sources as they are now. It is kept, so that only the first to ask after a
 * change waits some seconds. Each state of the sources has a folder of its own, and what runs from one is not disturbed
 * by a change.
 */
export function keptBuild({ home, sources, cwd, command }: BuildOptions): string {
  const build = join(home, stateOf(sources));
  if (existsSync(build)) {
    utimesSync(build, new Date(), new Date());
    return build;
  }
  mkdirSync(home, { recursive: true });
  removeUnused(home);
  const begun = `${build}.${process.pid}`;
  const argv = ['sh', '-c', builder, 'sh', build, begun, ...command(begun)];
  // Of test files that begin at once, one builds.
  execFileSync('flock', [home, ...argv], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  return build;
}

/** Tells states of all that is built apart, without reading it. */
function stateOf(sources: readonly string[]): string {
  const state = createHash('sha256');
  const add = (path: string): void => {
    const about = statSync(path);
    if (!about.isDirectory()) state.update(`${relative(root, path)} ${about.size} ${about.mtimeMs}\n`);
    else for (const name of readdirSync(path).sort()) if (!name.endsWith('.test.ts')) add(join(path, name));
  };
  const packages = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name));
  for (const one of packages) {
    add(join(one, 'src'));
    add(join(one, 'package.json'));
  }
  for (const name of ['tools/test-support', 'tsconfig.base.json', 'pnpm-lock.yaml']) add(join(root, name));
  for (const source of sources) add(source);
  return state.digest('hex').slice(0, 16);
}

function removeUnused(builds: string): void {
  for (const name of readdirSync(builds)) {
    const path = join(builds, name);
    if (Date.now() - statSync(path).mtimeMs > unusedMs) rmSync(path, { recursive: true, force: true });
  }
}
