// SPDX-License-Identifier: Apache-2.0
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { type Block, blocksOf, docExamplesOf } from './example-blocks.ts';
import { ofCases, type Part } from './report.ts';
import { runExample } from './run-example.ts';

/** Packages of which every public symbol has an example, or every value. Others join as theirs are written. */
const documented: Readonly<Record<string, 'all' | 'values'>> = {
  document: 'values',
  'go-template': 'all',
  'image-spec': 'values',
  'oci-spec': 'values',
  registry: 'all',
  'registry-client': 'all',
};

/**
 * Runs the `@example` blocks in the documentation of the packages' sources, and finds public names that stand
 * in no example, there or in the README, whose blocks are run by {@link readmeExamples}.
 */
export function publicExamples(root: string): Part {
  return {
    name: 'examples of public symbols',
    async run() {
      const work = Object.entries(documented).flatMap(([name, what]) =>
        casesOf(root, join('packages', name), what === 'all'),
      );
      const cases: { name: string; faults: readonly string[] }[] = [];
      const next = async (): Promise<void> => {
        for (let one = work.shift(); one !== undefined; one = work.shift()) {
          cases.push({ name: one.name, faults: await one.faults() });
        }
      };
      await Promise.all([next(), next()]);
      return ofCases(cases);
    },
  };
}

interface Case {
  readonly name: string;
  faults(): Promise<readonly string[]>;
}

function casesOf(root: string, folder: string, typesToo: boolean): readonly Case[] {
  const text = (file: string) => readFileSync(join(root, file), 'utf8');
  const sources = globSync(`${folder}/src/**/*.ts`, {
    cwd: root,
    exclude: (file) => file.endsWith('.test.ts'),
  });
  const documentation = sources.flatMap((file) =>
    docExamplesOf(text(file)).map((block) => ({ file, block })),
  );
  const shown = [...blocksOf(text(join(folder, 'README.md'))), ...documentation.map(({ block }) => block)]
    .filter((block) => block.language === 'ts')
    .map((block) => block.code);
  const names = entriesOf(text(join(folder, 'package.json')), folder).flatMap((entry) =>
    exportedNames(text(entry), typesToo).map((name) => ({ name, entry })),
  );
  return [
    ...documentation.map(({ file, block }) => ({
      name: `${file}:${block.line}`,
      faults: () => faultsOfBlock(join(root, folder), block),
    })),
    ...names.map(({ name, entry }) => ({
      name: `${name} of ${entry}`,
      faults: async () =>
        shown.some((code) => new RegExp(`\\b${name}\\b`).test(code))
          ? []
          : ['stands in no example that runs'],
    })),
  ];
}

async function faultsOfBlock(folder: string, block: Block): Promise<readonly string[]> {
  return block.language === 'ts' ? await runExample(folder, block) : ['an @example is a ts block'];
}

/** The sources of a package's entries, conformance suites aside: those are written for test runners. */
function entriesOf(manifest: string, folder: string): readonly string[] {
  const found = [...manifest.matchAll(/"@lading\/source": "\.\/(src\/[\w/-]+\.ts)"/g)].map(
    ([, path]) => path ?? '',
  );
  return [...new Set(found)]
    .filter((path) => !path.endsWith('/conformance.ts'))
    .map((path) => join(folder, path));
}

/** The names in a module's `export { … }`; an entry has no others, since the gate forbids `export *`. */
export function exportedNames(source: string, typesToo: boolean): readonly string[] {
  const names: string[] = [];
  for (const statement of ts.createSourceFile('index.ts', source, ts.ScriptTarget.Latest).statements) {
    if (!ts.isExportDeclaration(statement) || statement.exportClause === undefined) continue;
    if (!ts.isNamedExports(statement.exportClause)) continue;
    for (const element of statement.exportClause.elements) {
      if (typesToo || !(statement.isTypeOnly || element.isTypeOnly)) names.push(element.name.text);
    }
  }
  return names;
}
