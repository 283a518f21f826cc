// SPDX-License-Identifier: Apache-2.0
import { globSync, readFileSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ofCases, type Part, type PartResult } from './report.ts';
import { faultsOf, run } from './run.ts';

/** What a package may take on a user's disk, dependencies included. */
const installedLimitsMb: Readonly<Record<string, number>> = { '@lading/registry-client': 4 };

interface Packed {
  readonly name: string;
  readonly folder: string;
  readonly tarball: string;
  /** Own packages that it needs, directly or through others. */
  readonly needs: readonly string[];
  readonly bins: readonly string[];
}

/**
 * Each package as its users get it: packed, looked at by publint and attw, installed with npm into an empty
 * project, imported, and compiled against in strict TypeScript without skipLibCheck.
 */
export function packedPackages(root: string): Part {
  return {
    name: 'packed packages',
    async run() {
      const folder = await mkdtemp(join(tmpdir(), 'lading-packed-'));
      try {
        return await tryAll(root, folder);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

async function tryAll(root: string, folder: string): Promise<PartResult> {
  const packages = await packAll(root, folder);
  const cases: { name: string; faults: readonly string[] }[] = [];
  const queue = [...packages];
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      cases.push({
        name: `${next.name}: publint`,
        faults: await faultsOf('publint', ['run', next.tarball, '--strict'], root),
      });
      const attw = [next.tarball, '--profile', 'esm-only', '--no-emoji', '--format', 'ascii'];
      cases.push({ name: `${next.name}: attw`, faults: await faultsOf('attw', attw, root) });
      cases.push({
        name: `${next.name}: install, import, compile`,
        faults: await tryAsUser(root, folder, next, packages),
      });
    }
  };
  await Promise.all([work(), work()]);
  return ofCases(cases);
}

async function packAll(root: string, folder: string): Promise<readonly Packed[]> {
  const manifests = globSync('{packages,apps}/*/package.json', { cwd: root }).map((file) => ({
    folder: join(root, file, '..'),
    ...(JSON.parse(readFileSync(join(root, file), 'utf8')) as {
      name: string;
      version: string;
      bin?: Record<string, string>;
      dependencies?: Record<string, string>;
    }),
  }));
  const own = new Map(manifests.map((manifest) => [manifest.name, manifest]));
  const closure = (name: string, seen: Set<string>): Set<string> => {
    for (const dependency of Object.keys(own.get(name)?.dependencies ?? {})) {
      if (own.has(dependency) && !seen.has(dependency)) closure(dependency, seen.add(dependency));
    }
    return seen;
  };
  const packed: Packed[] = [];
  for (const manifest of manifests) {
    const { code, output } = await run('pnpm', ['pack', '--pack-destination', folder], {
      cwd: manifest.folder,
    });
    if (code !== 0) throw new Error(`pnpm pack of ${manifest.name} failed:\n${output}`);
    const tarball = join(
      folder,
      `${manifest.name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`,
    );
    const needs = [...closure(manifest.name, new Set())];
    packed.push({
      name: manifest.name,
      folder: manifest.folder,
      tarball,
      needs,
      bins: Object.keys(manifest.bin ?? {}),
    });
  }
  return packed;
}

async function tryAsUser(
  root: string,
  folder: string,
  one: Packed,
  all: readonly Packed[],
): Promise<readonly string[]> {
  const project = join(folder, one.name.replace('@lading/', 'user-of-'));
  await mkdir(project);
  const tarballs = all.filter((other) => other === one || one.needs.includes(other.name));
  const dependencies = Object.fromEntries(tarballs.map((other) => [other.name, `file:${other.tarball}`]));
  await writeFile(
    join(project, 'package.json'),
    JSON.stringify({ private: true, type: 'module', dependencies }),
  );
  const flags = ['--no-audit', '--no-fund', '--no-package-lock', '--prefer-offline', '--loglevel=error'];
  const faults = [...(await faultsOf('npm', ['install', ...flags], project))];
  if (faults.length > 0) return faults;

  const limitMb = installedLimitsMb[one.name];
  const sizeMb = installedBytes(join(project, 'node_modules')) / 1e6;
  if (limitMb !== undefined && sizeMb > limitMb) {
    faults.push(
      `takes ${sizeMb.toFixed(2)} MB when installed, with all that it needs; ${limitMb} MB are allowed`,
    );
  }

  await writeFile(
    join(project, 'import.mjs'),
    `const m = await import('${one.name}');\nif (Object.keys(m).length === 0) throw new Error('nothing is exported');\n`,
  );
  faults.push(...(await faultsOf('node', ['import.mjs'], project)));
  for (const bin of one.bins)
    faults.push(...(await faultsOf(join(project, 'node_modules/.bin', bin), ['--version'], project)));

  await mkdir(join(project, 'node_modules/@types'), { recursive: true });
  for (const types of ['node', 'undici-types']) {
    const source =
      types === 'node'
        ? join(root, 'node_modules/@types/node')
        : join(root, 'node_modules/.pnpm/node_modules/undici-types');
    const target = join(project, types === 'node' ? 'node_modules/@types/node' : 'node_modules/undici-types');
    if (globSync(target).length === 0) await symlink(source, target);
  }
  await writeFile(
    join(project, 'use.ts'),
    `import * as all from '${one.name}';\n\nexport const used: object = all;\n`,
  );
  const options = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    target: 'ES2024',
    lib: ['ES2024', 'ESNext.Disposable'],
    module: 'NodeNext',
    types: ['node'],
    noEmit: true,
    skipLibCheck: false,
  };
  await writeFile(
    join(project, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: options, files: ['use.ts'] }),
  );
  faults.push(...(await faultsOf('tsc', ['-p', 'tsconfig.json'], project)));
  return faults;
}

function installedBytes(folder: string): number {
  return globSync('**/*', { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
