// SPDX-License-Identifier: Apache-2.0
import { runAsProcess } from '@lading/command-line/node';
import { runLadingCopy } from './index.ts';

await runAsProcess(runLadingCopy);
