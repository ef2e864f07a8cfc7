import { test } from 'node:test';
import { requestsInTests, seed, throwAtMember } from './campaign.js';
import { wildOtherRequest } from './requests.js';

test(`any well-formed request for locks, elections and pages gets an answer of a known shape, and does no harm (SEED=${seed})`, () =>
  throwAtMember(wildOtherRequest, requestsInTests));
