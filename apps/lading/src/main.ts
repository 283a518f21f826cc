// SPDX-License-Identifier: Apache-2.0
import { runAsProcess } from '@lading/command-line/node';
import { exitAtOnce, keepLineEnds } from '@lading/linux';
import { runLading } from './index.ts';

void runAsProcess(runLading, { failureCode: 125, exitAtOnce, afterRaw: keepLineEnds });
