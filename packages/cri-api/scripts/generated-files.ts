// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import protobuf from 'protobufjs';

const protoFolder = join(import.meta.dirname, '../proto/runtime/v1');
const header =
  '// SPDX-License-Identifier: Apache-2.0\n// Made by scripts/generate.ts from proto/. Change the .proto files instead.\n';

const scalars: Readonly<Record<string, string>> = {
  bool: 'boolean',
  string: 'string',
  bytes: 'Uint8Array',
  double: 'number',
  int32: 'number',
  uint32: 'number',
  int64: 'bigint',
  uint64: 'bigint',
};

/** The text of each generated file, by its name. A test holds the committed files to it. */
export function generate(): Readonly<Record<string, string>> {
  const root = new protobuf.Root();
  for (const file of readdirSync(protoFolder).toSorted()) {
    const text = readFileSync(join(protoFolder, file), 'utf8');
    protobuf.parse(text, root, { keepCase: false, alternateCommentMode: true });
  }
  root.resolveAll();
  const all = root.lookup('runtime.v1');
  if (!(all instanceof protobuf.Namespace)) throw new Error('proto/ has no package runtime.v1');
  return {
    'messages.ts': messages(all),
    'services.ts': services(all),
    'schema.ts': `${header}import type { INamespace } from 'protobufjs';

/** The messages as protobufjs reads them; as text, because engines parse that faster than an object literal. */
export const schema: INamespace = JSON.parse(
  ${JSON.stringify(JSON.stringify(root.toJSON()))},
);
`,
  };
}

function docOf(comment: string | null, indent = ''): string {
  return comment === null ? '' : `${indent}/** ${comment.replaceAll('\n', ' ')} */\n`;
}

function nested(all: protobuf.NamespaceBase): readonly protobuf.ReflectionObject[] {
  return all.nestedArray.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function messages(all: protobuf.Namespace): string {
  const parts: string[] = [header];
  for (const item of nested(all)) {
    if (item instanceof protobuf.Enum) parts.push(enumText(item));
    if (!(item instanceof protobuf.Type)) continue;
    parts.push(messageText(item));
    for (const inner of nested(item)) if (inner instanceof protobuf.Enum) parts.push(enumText(inner));
  }
  const names = nested(all).filter((item) => item instanceof protobuf.Type);
  const fields = names.map(({ name }) => `  readonly ${name}: ${name};\n`);
  parts.push(`/** Each message by its name. */\nexport interface Messages {\n${fields.join('')}}\n`);
  return parts.join('\n');
}

function enumText(type: protobuf.Enum): string {
  const values = Object.entries(type.values).map(([name, value]) => `  ${name}: ${value},\n`);
  return `${docOf(type.comment)}export const ${type.name} = {\n${values.join('')}} as const;\nexport type ${type.name} = (typeof ${type.name})[keyof typeof ${type.name}];\n`;
}

function messageText(type: protobuf.Type): string {
  if (type.fieldsArray.length === 0)
    return `${docOf(type.comment)}export type ${type.name} = Readonly<Record<never, never>>;\n`;
  const fields = type.fieldsArray.map((field) => {
    const optional = field.resolvedType instanceof protobuf.Type && !field.repeated && !field.map;
    return `${docOf(field.comment, '  ')}  readonly ${field.name}${optional ? '?' : ''}: ${fieldType(field)};\n`;
  });
  return `${docOf(type.comment)}export interface ${type.name} {\n${fields.join('')}}\n`;
}

function fieldType(field: protobuf.Field): string {
  const one = field.resolvedType?.name ?? scalars[field.type];
  if (one === undefined) throw new Error(`${field.fullName}: no TypeScript type for ${field.type}`);
  if (field.map) return `Readonly<Record<string, ${one}>>`;
  return field.repeated ? `readonly ${one}[]` : one;
}

function services(all: protobuf.Namespace): string {
  const found = nested(all).filter((item) => item instanceof protobuf.Service);
  const used = new Set(found.flatMap((s) => s.methodsArray.flatMap((m) => [m.requestType, m.responseType])));
  const imports = [...used].toSorted().map((name) => `  ${name},\n`);
  const parts = [
    `${header}import type { StreamMethod, UnaryMethod } from '../method.ts';\nimport type {\n${imports.join('')}} from './messages.ts';\n`,
  ];
  for (const service of found) {
    const name = service.name;
    const types = service.methodsArray.map((m) => {
      const kind = m.responseStream ? 'StreamMethod' : 'UnaryMethod';
      return `${docOf(m.comment, '  ')}  readonly ${lower(m.name)}: ${kind}<${m.requestType}, ${m.responseType}>;\n`;
    });
    const values = service.methodsArray.map((m) => {
      const path = `/runtime.v1.${name}/${m.name}`;
      return `  ${lower(m.name)}: { path: '${path}', request: '${m.requestType}', response: '${m.responseType}', stream: ${m.responseStream === true} },\n`;
    });
    parts.push(`${docOf(service.comment)}export interface ${name} {\n${types.join('')}}\n`);
    parts.push(
      `/** The methods of ${name} on the wire. */\nexport const ${lower(name)}Methods: ${name} = {\n${values.join('')}};\n`,
    );
  }
  return parts.join('\n');
}

function lower(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
