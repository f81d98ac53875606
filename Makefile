# Everything a maintainer runs, by name. Go is all that has to be there.

LABELLED := $(wildcard internal/eval/testdata/*.jsonl)

.PHONY: build test race lint bench bench-all bench-search eval recognition politeness demo golden

build:            ## the program, into bin/
	CGO_ENABLED=0 go build -trimpath -o bin/kliping ./cmd/kliping

test:             ## what the README says passes the tests
	go test ./...

race:             ## the same under the race detector
	CGO_ENABLED=1 go test -race ./...

lint:             ## the linter, import rules included
	golangci-lint run

bench:            ## benchmarks; read them as ratios within one run
	go test -short -run '^$$' -bench . -benchmem ./...

bench-all:        ## the large sizes too: 3 GB of memory and half an hour
	go test -timeout 90m -run '^$$' -bench . -benchmem ./...

bench-search:     ## searches of 100,000 stories, kind by kind, and what the index costs; SET names more labelled articles
	go run ./internal/searchbench $(LABELLED) $(SET)

eval: build       ## recognition, on the project's own labelled articles
	bin/kliping eval $(LABELLED)

recognition:      ## the figures of docs/recognition.md and README.md; the larger ones where KLIPING_TEST_LABELLED names a directory
	go run ./internal/eval/document

politeness:       ## how polite the reader is, by the rules of internal/polite over a simulated month
	go test -count=1 -timeout 30m -run TestPoliteness -v ./internal/polite

demo: build
	bin/kliping demo

golden:           ## write the golden files anew; read the diff before keeping it
	go test ./internal/feed ./internal/digest ./internal/eval ./index -update
