// SPDX-License-Identifier: Apache-2.0
import { compareRows } from './compare.ts';
import { inspectedThings, inspectTemplateRows } from './rows/inspect-templates.ts';

compareRows('templates of inspect', inspectTemplateRows, { before: inspectedThings });
