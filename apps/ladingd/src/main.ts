// SPDX-License-Identifier: Apache-2.0
import { runAsProcess } from '@lading/command-line/node';
import { runLadingd } from './program.ts';

await runAsProcess(runLadingd, { outlivesReaders: true });
