package index

import (
	"bufio"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestMalaySentences holds the stems of sentences of both languages; -update
// writes them anew.
func TestMalaySentences(t *testing.T) {
	const path = "testdata/malay.txt"
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	lines := bufio.NewScanner(strings.NewReader(string(b)))
	for lines.Scan() {
		line := lines.Text()
		if strings.HasPrefix(line, "  ") {
			continue
		}
		got.WriteString(line + "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		var stems []string
		for _, w := range foldWords(line[3:]) {
			stems = append(stems, stemMalay(w))
		}
		got.WriteString("   " + strings.Join(stems, " ") + "\n")
	}
	if *update {
		if err := os.WriteFile(path, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(b), got.String()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestMalayForms(t *testing.T) {
	for _, same := range []string{
		"kirim mengirim mengirimkan dikirim dikirimkan pengiriman kiriman terkirim",
		"pilih memilih dipilih pemilih pemilihan pilihan terpilih",
		"tulis menulis ditulis penulis tulisan tertulis penulisan",
		"setuju menyetujui disetujui persetujuan",
		"sewa menyewa menyewakan penyewa",
		"ambil mengambil diambil pengambilan",
		"bakar membakar terbakar kebakaran pembakaran dibakar",
		"tembak menembak ditembak penembakan tembakan tertembak",
		"nilai menilai dinilai penilaian",
		"minta meminta diminta permintaan",
		"kerja bekerja pekerja pekerjaan mengerjakan",
		"ajar belajar mengajar pelajar pelajaran mempelajari",
		"tanya bertanya pertanyaan menanyakan ditanya mempertanyakan",
		"usaha berusaha pengusaha perusahaan",
		"naik menaikkan kenaikan dinaikkan",
		"menteri menterinya kementerian",
		"buku bukunya bukulah",
		"rawat merawat perawatan dirawat perawat",
		"terbang menerbangkan penerbangan",
	} {
		words := strings.Fields(same)
		for _, w := range words[1:] {
			if got := stemMalay(w); got != stemMalay(words[0]) {
				t.Errorf("%s has the stem %s, %s %s; want the same", w, got, words[0], stemMalay(words[0]))
			}
		}
	}
}

// TestMalayApart holds words that look alike and must not find one another.
func TestMalayApart(t *testing.T) {
	for _, pair := range []string{
		"menteri teri", "perempuan empu", "pertama utama", "sekarang karang", "pemerintah perintah", "penduduk duduk", "mereka reka",
		"ketua tua", "berita ita", "media dia", "pengawal awal", "pengalaman alam", "bersama sama", "kereta reta", "pesawat sawat",
		"bulan bula", "korban korb", "makan mak", "polisi polis", "selatan latan", "negara gara", "pegawai gawai", "terbang bang",
		"peserta serta", "perang rang", "tangan tang", "kepala pala", "direktur rektur", "minuman minum", "bukan buk",
	} {
		a, b, _ := strings.Cut(pair, " ")
		if stemMalay(a) == stemMalay(b) {
			t.Errorf("%s and %s have the stem %s, and are not the same", a, b, stemMalay(a))
		}
	}
}

func TestSearchInMalay(t *testing.T) {
	ix := newIndex(t, doc(1, "id", "Bantuan", "Pemerintah mengirimkan buku-buku kepada murid."), doc(2, "ms", "Siasatan", "Polis menyiasat kemalangan itu."), doc(3, "id", "Lain", "Tidak ada apa-apa."))
	for query, want := range map[string]int{
		"kiriman": 1, "dikirim": 1, "buku": 1, "buku-buku": 1, "bukunya": 1, "penyiasatan": 1, "disiasat": 1, `"kirim"`: 0, "perintah": 0,
	} {
		if got := find(t, ix, Query{Text: query}); len(got) != want {
			t.Errorf("%s finds %v, want %d", query, got, want)
		}
	}
}

// FuzzMalay holds that a stem is a word's own, and that stemming is done once
// and for all in the sense that it never gives nothing.
func FuzzMalay(f *testing.F) {
	f.Add("mempertanyakan")
	f.Add("berkelapkelip")
	f.Fuzz(func(t *testing.T, text string) {
		for _, w := range foldWords(text) {
			if s := stemMalay(w); s == "" || len(s) > len(w) {
				t.Errorf("%q has the stem %q", w, s)
			}
		}
	})
}
