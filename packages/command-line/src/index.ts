// SPDX-License-Identifier: Apache-2.0

// For everyone.
export type { Environment, Terminal } from './environment.ts';
// For authors of completion, manuals and other readers of command trees.
export type { FoundCommand } from './find-command.ts';
export { findCommand } from './find-command.ts';
export type { Flags } from './flags/flags.ts';
export { formatBytes } from './format-bytes.ts';
export { commandHelp, programHelp } from './help.ts';
export { humanAge, humanDuration } from './human-duration.ts';
export { quote, singleLine } from './quote.ts';
export { runProgram } from './run-program.ts';
export type {
  ArgumentCount,
  CommandCall,
  CommandRun,
  CommandSpec,
  FlagKind,
  FlagSpec,
  ProgramSpec,
} from './spec.ts';
export { renderTable } from './table.ts';
export type { TemplateFunction } from './template/functions.ts';
export type { ReportOptions } from './template/report.ts';
export { renderReport } from './template/report.ts';
export type { Template, TemplateOptions } from './template/template.ts';
export { parseTemplate, renderTemplate } from './template/template.ts';
export { toJson } from './template/value.ts';
export { usageError } from './usage-error.ts';
