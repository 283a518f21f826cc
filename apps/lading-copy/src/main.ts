// SPDX-License-Identifier: Apache-2.0
import { runAsProcess } from '@lading/command-line/node';
import { exitAtOnce } from '@lading/linux';
import { flagIn } from './early-flags.ts';
import { runLadingCopy } from './index.ts';

// Whatever makes a temporary file asks os.tmpdir(), which looks here.
const temporary = flagIn(process.argv.slice(2), 'tmpdir');
if (temporary) process.env.TMPDIR = temporary;

void runAsProcess(runLadingCopy, { exitAtOnce });
