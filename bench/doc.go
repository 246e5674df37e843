// Package bench measures Yizhan beside a floor or a peer in the same run, as
// ratios: the machine's speed drifts, a ratio does not. Run it with
// ./build.sh bench; nothing here is a test that passes or fails.
package bench
