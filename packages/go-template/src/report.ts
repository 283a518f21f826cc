// SPDX-License-Identifier: Apache-2.0
import { isJsonFormat } from './json-format.ts';
import { renderTable } from './table.ts';
import { parseTemplate, renderTemplate, type TemplateOptions } from './template.ts';
import { isStruct, toJson } from './value.ts';

/** Settings of {@link renderReport}. */
export interface ReportOptions extends TemplateOptions {
  /** Column titles by field name, for templates that begin with `table `. */
  readonly headers: Readonly<Record<string, string>>;
  /** Default false. */
  readonly noHeading?: boolean;
  /** What `--format json` prints. Default: the rows. */
  readonly json?: unknown;
  /** Default 4. */
  readonly jsonIndent?: number;
}

/**
 * What podman makes of `--format`: `json`, a template a row, or a template that begins with `table ` and
 * gets column titles. `\t` and `\n` may be written as two characters. A template with `{{range .}}` gets the list
 * of rows itself.
 */
export function renderReport(format: string, rows: readonly unknown[], options: ReportOptions): string {
  if (isJsonFormat(format)) return `${toJson(options.json ?? rows, options.jsonIndent ?? 4)}\n`;
  const isTable = format.startsWith('table ');
  let text = isTable ? format.slice('table '.length).trim() : format;
  text = text.replaceAll('\\t', '\t').replaceAll('\\n', '\n');
  if (isTable) text = spacesToTabs(text);
  if (!text.endsWith('\n')) text = `${text}\n`;
  if (/\{\{\s*range\s*\.\s*\}\}.*\{\{\s*end\s*-?\s*\}\}/s.test(text))
    return renderTemplate(text, rows, options);
  const template = parseTemplate(text, options);
  const body = rows.map((row) => template.render(row)).join('');
  const head = isTable && options.noHeading !== true ? renderHead(text, rows, options) : '';
  return isTable ? align(head + body) : body;
}

/** A title is text whatever its column holds, so the functions that make text of a value let it through. */
const titleFunctions = Object.fromEntries(
  ['join', 'split', 'json', 'upper', 'lower', 'title', 'truncate', 'pad', 'len', 'index'].map(
    (name) =>
      [name, (...args: readonly unknown[]) => (name === 'index' ? args[0] : args.find(isTitle))] as const,
  ),
);

function isTitle(value: unknown): boolean {
  return typeof value === 'string' && /^[A-Z/ ]+$/.test(value);
}

function renderHead(text: string, rows: readonly unknown[], options: ReportOptions): string {
  const [first] = rows;
  const names = isStruct(first) ? Object.keys(first) : [];
  const titles = new Map([
    ...names.map((name) => [name, name.toUpperCase()] as const),
    ...Object.entries(options.headers),
  ]);
  const functions = { ...options.functions, ...titleFunctions };
  return parseTemplate(text, { ...options, functions }).render(titles);
}

/** A space between two fields of a table is a column border, one inside an action is not. */
function spacesToTabs(text: string): string {
  return text.replace(/\{\{.*?\}\}| +/gs, (part) => (part.startsWith('{{') ? part : '\t'));
}

/** As Go's tabwriter: lines with tabs are aligned, neighbours together; others stay. */
function align(text: string): string {
  const out: string[] = [];
  let block: string[][] = [];
  const flush = (): void => {
    out.push(renderTable(block));
    block = [];
  };
  const lines = text.split('\n');
  const end = lines.pop() ?? '';
  for (const line of lines) {
    if (line.includes('\t')) block.push(line.split('\t'));
    else {
      flush();
      out.push(`${line}\n`);
    }
  }
  flush();
  return out.join('') + end;
}
