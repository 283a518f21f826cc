// SPDX-License-Identifier: Apache-2.0

export type { TemplateFunction } from './functions.ts';
// For everyone.
export { isJsonFormat } from './json-format.ts';
export type { NamedValue } from './named-value.ts';
export { withMethods } from './named-value.ts';
// For authors of programs that print as Go prints.
export { isNear } from './near.ts';
export { quote } from './quote.ts';
export type { ReportOptions } from './report.ts';
export { renderReport } from './report.ts';
export { renderTable } from './table.ts';
export type { Template, TemplateOptions } from './template.ts';
export { parseTemplate, renderTemplate } from './template.ts';
export type { GoTime } from './time.ts';
export { parseGoTime } from './time.ts';
export { toJson } from './value.ts';
