// SPDX-License-Identifier: Apache-2.0
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const spdx = '// SPDX-License-Identifier: Apache-2.0';

/** What must not stand in a test or source, and why. Biome and tsc see the rest. */
const forbidden: readonly (readonly [RegExp, string])[] = [
  [/\b(?:it|test|describe)\.(?:skip|only|todo|skipIf|runIf)\b/, 'a test is skipped or focused'],
  [/@ts-(?:ignore|expect-error|nocheck)\b/, 'the type checker is silenced'],
  [/\bas unknown as\b|\bas any\b/, 'a type is forced'],
  [/\bexport \* from\b|\bexport \*\s/, 'everything is exported; name what is public'],
];

/** Faults of single files: licence line, forbidden words. */
export function sourceFaults(root: string): readonly string[] {
  const faults: string[] = [];
  const files = globSync(
    [
      '*.ts',
      '{packages,apps,examples}/*/{src,test,scripts,bench}/**/*.{ts,mts}',
      '{tools,bench,scripts}/**/*.{ts,mjs}',
      '{packages,apps}/*/bin/*.js',
    ],
    { cwd: root },
  );
  for (const file of files) {
    if (file === 'tools/gate/house-rules.ts' || file.includes('/generated/')) continue;
    const lines = readFileSync(join(root, file), 'utf8').split('\n');
    const first = lines[0]?.startsWith('#!') ? lines[1] : lines[0];
    if (first !== spdx) faults.push(`${file}: the first line is not the licence line "${spdx}"`);
    for (const [index, line] of lines.entries()) {
      // Comments may say these words, and the strings of this test are sources that break rules.
      if (/^\s*(?:\/\/|\/?\*)/.test(line) || file.endsWith('floors.unit.test.ts')) continue;
      for (const [pattern, why] of forbidden) {
        if (pattern.test(line)) faults.push(`${file}:${index + 1}: ${why}: ${line.trim()}`);
      }
    }
  }
  return faults;
}

interface Manifest {
  readonly name?: string;
  readonly license?: string;
  readonly type?: string;
  readonly sideEffects?: boolean;
  readonly engines?: { readonly node?: string };
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly main?: string;
}

/** Faults of the packages' manifests and of what must lie beside them. */
export function packageFaults(root: string): readonly string[] {
  const faults: string[] = [];
  for (const file of globSync('{packages,apps}/*/package.json', { cwd: root })) {
    const manifest: Manifest = JSON.parse(readFileSync(join(root, file), 'utf8'));
    const folder = join(file, '..');
    const expected: [boolean, string][] = [
      [manifest.name === `@lading/${folder.split('/')[1]}`, 'is not named @lading/ and its folder'],
      [manifest.license === 'Apache-2.0', 'has no license Apache-2.0'],
      [manifest.type === 'module' && manifest.main === undefined, 'is not ESM only'],
      [manifest.sideEffects === false, 'does not say sideEffects: false'],
      [manifest.engines?.node === '>=22.19', 'does not ask for node >=22.19'],
      [manifest.exports !== undefined, 'has no exports map'],
      [globSync('README.md', { cwd: join(root, folder) }).length === 1, 'has no README.md'],
      [
        globSync('src/**/*.test.ts', { cwd: join(root, folder) }).length > 0 || folder.startsWith('apps/'),
        'has no unit tests',
      ],
    ];
    for (const [holds, fault] of expected) if (!holds) faults.push(`${folder} ${fault}`);
  }
  return faults;
}

/** Markdown links between the project's own files that lead nowhere. */
export function linkFaults(root: string): readonly string[] {
  const faults: string[] = [];
  for (const file of globSync(['*.md', 'docs/*.md', '{packages,apps,examples}/*/README.md'], { cwd: root })) {
    const text = readFileSync(join(root, file), 'utf8').replaceAll(/^```.*?^```/gms, '');
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)) {
      if (globSync(join(root, file, '..', target)).length === 0)
        faults.push(`${file}: the link to ${target} leads nowhere`);
    }
  }
  return faults;
}

/** Changesets that the release would not take: each names packages that exist, and says what changed. */
export function changesetFaults(root: string): readonly string[] {
  const names = new Set(
    globSync('{packages,apps}/*/package.json', { cwd: root }).map(
      (file) => (JSON.parse(readFileSync(join(root, file), 'utf8')) as Manifest).name,
    ),
  );
  return globSync('.changeset/*.md', { cwd: root }).flatMap((file) => {
    const parts = /^---\n((?:'@lading\/[\w-]+': (?:major|minor|patch)\n)+)---\n\n\S/.exec(
      readFileSync(join(root, file), 'utf8'),
    );
    if (parts === null)
      return [`${file} is no changeset: it needs a package, the kind of change, and a sentence`];
    const unknown = [...(parts[1] ?? '').matchAll(/'([^']+)'/g)]
      .map((match) => match[1] ?? '')
      .filter((name) => !names.has(name));
    return unknown.map((name) => `${file} names ${name}, which is not in this workspace`);
  });
}
