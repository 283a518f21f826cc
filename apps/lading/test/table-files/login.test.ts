// SPDX-License-Identifier: Apache-2.0
import { compareRows } from './compare.ts';
import { loginRows } from './rows/login.ts';

compareRows('login and logout', loginRows);
