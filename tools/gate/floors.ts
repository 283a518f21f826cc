// SPDX-License-Identifier: Apache-2.0
import { globSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, normalize } from 'node:path';
import ts from 'typescript';

/** A row of the table "The house" in docs/architecture.md. */
interface FloorRow {
  readonly folder: string;
  readonly name: string;
  readonly floor: number;
  readonly planned: boolean;
  readonly pure: boolean;
  /** Highest floor that may be imported, -1 for none, and packages of the own floor that may be too. */
  readonly upTo: number;
  readonly also: readonly string[];
}

/** Reads the table, so that the plan that people read is the rule that the gate holds them to. */
function readFloors(markdown: string): readonly FloorRow[] {
  const rows: FloorRow[] = [];
  for (const line of markdown.split('\n')) {
    const cells = line.split('|').map((cell) => cell.trim());
    const place = /^`((?:packages|apps)\/([\w-]+))`( \(planned\))?$/.exec(cells[2] ?? '');
    if (place === null) continue;
    const [, folder = '', name = '', planned] = place;
    const floor = Number(cells[1]);
    const may = cells[4] ?? '';
    const [first = '', ...also] = may.split(', ');
    const [range, from, to] = /^(?:none|all below|only [\w-]+|floors? (\d)(?:-(\d))?)$/.exec(first) ?? [];
    if (!Number.isInteger(floor) || range === undefined) {
      throw new Error(`docs/architecture.md: cannot read the row of ${folder}: "${line}"`);
    }
    rows.push({
      folder,
      name,
      floor,
      planned: planned !== undefined,
      pure: /\bPure\b/.test(cells[3] ?? ''),
      upTo: may.startsWith('all below') ? floor - 1 : Number(to ?? from ?? -1),
      also: first.startsWith('only ') ? [first.slice(5), ...also] : also,
    });
  }
  return rows;
}

const builtins = new Set(builtinModules);

/** The one file of a pure package that may import from Node: a way in of its own, `@lading/NAME/node`. */
function nodeSideOf({ folder }: FloorRow): string {
  return `${folder}/src/node.ts`;
}

function packageNameOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

/** Everything that a source file imports, dynamic imports and re-exports included. */
function importsOf(file: string): readonly string[] {
  return ts.preProcessFile(readFileSync(file, 'utf8'), true, true).importedFiles.map((i) => i.fileName);
}

function faultOf(
  row: FloorRow,
  rows: readonly FloorRow[],
  file: string,
  specifier: string,
  declared: ReadonlySet<string>,
): string | undefined {
  if (specifier.startsWith('.')) {
    const target = normalize(join(file, '..', specifier));
    if (row.pure && target === nodeSideOf(row)) return `is pure and must not import ${specifier}`;
    return target.startsWith(`${row.folder}/`) ? undefined : `reaches out of its package: ${specifier}`;
  }
  if (specifier.startsWith('node:') || builtins.has(specifier)) {
    return row.pure && file !== nodeSideOf(row) ? `is pure and must not import ${specifier}` : undefined;
  }
  const name = packageNameOf(specifier);
  if (name === 'koffi' && row.name !== 'linux') return 'imports koffi; only packages/linux may';
  if (!declared.has(name)) return `imports ${name}, which its package.json does not declare`;
  if (!name.startsWith('@lading/')) return undefined;
  const target = rows.find((other) => `@lading/${other.name}` === name);
  if (target === undefined) return `imports ${name}, which has no place in docs/architecture.md`;
  if (target.floor >= row.floor && !row.also.includes(target.name)) {
    return `on floor ${row.floor} imports ${name} on floor ${target.floor}`;
  }
  if (target.floor > row.upTo && !row.also.includes(target.name)) return `may not import ${name}`;
  return undefined;
}

/**
 * Every way in which the packages below `root` break the plan: an import that goes up, koffi outside of linux,
 * Node in a pure package, an undeclared dependency, a package without a place. Tests may import what they like.
 */
export function floorFaults(root: string): readonly string[] {
  const rows = readFloors(readFileSync(join(root, 'docs/architecture.md'), 'utf8'));
  const folders = globSync('{packages,apps}/*/package.json', { cwd: root }).map((file) => join(file, '..'));
  const faults: string[] = [];
  for (const folder of folders) {
    const row = rows.find((candidate) => candidate.folder === folder);
    if (row === undefined || row.planned) {
      faults.push(`${folder} has no place in docs/architecture.md`);
      continue;
    }
    const manifest: unknown = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const {
      dependencies = {},
      peerDependencies = {},
      name,
    } = manifest as Record<string, Record<string, string>>;
    const declared = new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies), String(name)]);
    for (const file of globSync('src/**/*.ts', { cwd: join(root, folder) })) {
      if (file.endsWith('.test.ts')) continue;
      for (const specifier of importsOf(join(root, folder, file))) {
        const fault = faultOf(row, rows, join(folder, file), specifier, declared);
        if (fault !== undefined) faults.push(`${join(folder, file)} ${fault}`);
      }
    }
  }
  for (const row of rows) {
    if (!row.planned && !folders.includes(row.folder))
      faults.push(`${row.folder} is in docs/architecture.md but not there`);
  }
  return faults;
}
