module mediatui.test/lab/pause

go 1.26
