module gondolier.test/mirror/pause

go 1.26.0
