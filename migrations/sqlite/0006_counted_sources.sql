-- A source is on record from its first counted line on: names of which nothing was ever counted used up places.
DELETE FROM source_reason WHERE source IN (SELECT id FROM source WHERE accepted = 0 AND duplicate = 0 AND format IS NULL);
DELETE FROM cursor WHERE key IN (SELECT 'routes/' || id FROM source WHERE accepted = 0 AND duplicate = 0 AND format IS NULL);
DELETE FROM source WHERE accepted = 0 AND duplicate = 0 AND format IS NULL;
