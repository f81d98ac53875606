# The program is one static binary: the image is it and nothing else.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -tags timetzdata -ldflags="-s -w" -o /kliping ./cmd/kliping \
 && mkdir /data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /kliping /kliping
COPY --from=build --chown=65532:65532 /data /data
USER 65532:65532
ENV KLIPING_DATA=/data
ENV KLIPING_LISTEN=0.0.0.0:8411
VOLUME /data
EXPOSE 8411
ENTRYPOINT ["/kliping"]
CMD ["serve"]
