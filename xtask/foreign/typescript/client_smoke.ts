// A client whose types come from the OpenAPI document: upload, wait, report, matches. That it compiles is half of the test.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import createClient from "openapi-fetch";
import type { components, paths } from "./consort.js";

type Track = components["schemas"]["Track"];

const DEADLINE_MS = 240_000;

function variable(name: string): string {
  const value = process.env[name];
  assert(value !== undefined, `${name} is not set`);
  return value;
}

const baseUrl = variable("CONSORT_URL");
const headers = { Authorization: `Bearer ${variable("CONSORT_TOKEN")}` };
const client = createClient<paths>({ baseUrl, headers });

async function upload(name: string): Promise<Track> {
  const bytes = await readFile(join(variable("CONSORT_AUDIO"), name));
  const { data, error } = await client.POST("/v1/tracks", {
    body: { file: "", tags: "typescript" },
    bodySerializer(fields) {
      const form = new FormData();
      form.append("tags", fields.tags ?? "");
      form.append("file", new Blob([bytes]), name);
      return form;
    },
  });
  assert(data !== undefined, JSON.stringify(error));
  return data.track;
}

async function analyzed(id: string): Promise<Track> {
  const end = Date.now() + DEADLINE_MS;
  for (;;) {
    const { data, error } = await client.GET("/v1/tracks/{id}", { params: { path: { id } } });
    assert(data !== undefined, JSON.stringify(error));
    assert.notEqual(data.state, "failed");
    if (data.state === "analyzed") return data;
    assert(Date.now() < end, `${id} is still ${data.state}`);
    await setTimeout(200);
  }
}

const one = await analyzed((await upload("candle_watch.ogg")).id);
const two = await analyzed((await upload("paper_boats.m4a")).id);
assert(one.duration_s !== null && one.duration_s !== undefined && one.duration_s > 1);

const path = { id: one.id };
const report = await client.GET("/v1/tracks/{id}/report", { params: { path } });
// Other formats are texts.
assert(typeof report.data === "object");
assert.equal(report.data.schema, "consort.report/1");
const tempo: number | null | undefined = report.data.tempo.bpm;
assert(typeof tempo === "number" && tempo > 40);

const found = await client.POST("/v1/search", { body: { track: one.id, purpose: "mood" } });
assert.deepEqual(found.data?.items.map((item) => item.track.id), [two.id]);
const matches = await client.GET("/v1/tracks/{id}/matches", { params: { path, query: { purpose: "alike" } } });
assert(matches.data !== undefined);
for (const match of matches.data.items) assert(match.score >= 0 && match.score <= 1);

const features = await client.GET("/v1/audio-features/{id}", { params: { path } });
assert.equal(features.data?.id, one.id);

// An error has the type that the document gives it.
const nobody = "0000000000000000000000";
const missing = await client.GET("/v1/tracks/{id}", { params: { path: { id: nobody } } });
assert.equal(missing.response.status, 404);
assert.equal(missing.error?.code, "not_found");
